"""The cases of the demonstration: stories that people of the model organisation act out on the real engine.

`applicants.py` and `borrowers.py` say what is financed, `answers.py` what is written into the forms, `papers.py` makes
the documents, `desk.py` lets people act, `stages.py` and the stories beside it tell who does what and when, and
`agenda.py` plays all stories side by side in the order of their instants.
"""
