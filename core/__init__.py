"""Clock, deadlines, threads, wake-up, mailbox and safe text, shared by all packages.

Imports no other package.
"""
