"""Clock, deadline, threads, wake-up, mailbox and safe text: what every package may use.

Imports no other package.
"""
