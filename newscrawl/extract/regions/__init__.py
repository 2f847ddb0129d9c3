"""The parts of a page and whose each is: the article's, those of other articles, comments, the frame of the site."""
