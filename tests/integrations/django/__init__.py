"""Django, in the process of the tests, with settings of its own."""
