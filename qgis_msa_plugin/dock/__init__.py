"""The dock: widgets that show the search state and call the controller's verbs."""
