"""The local SES in the hands of clients that others wrote: boto3, aiobotocore, the AWS CLI, Node's SDK, Django's."""
