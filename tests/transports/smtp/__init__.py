"""The SMTP ways out: pure parts by tables and by hypothesis, the rest against real servers on this machine."""
