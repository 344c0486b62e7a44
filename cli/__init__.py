"""The command line: commands, options, settings and the composition of the program.

May import call.*, core, doctor, media.*, net.*, report, ui.*.
"""
