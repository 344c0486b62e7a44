"""A call: the only package that knows both media and net."""
