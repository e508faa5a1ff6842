"""The door for a web server. An unsafe production does not start."""

from django.core.wsgi import get_wsgi_application

from doudi.office.org.safety import refuse_unsafe

application = get_wsgi_application()
refuse_unsafe()
