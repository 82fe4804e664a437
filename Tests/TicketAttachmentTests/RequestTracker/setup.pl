# Makes a fresh Request Tracker ready for the test; prints a token of an administrator, and one of a user without rights.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;

sub token {
  my $user = shift;
  my $token = RT::AuthToken->new(RT->SystemUser);
  my ($id, $message, $text) = $token->Create(Owner => $user->Id, Description => 'floodmark tests');
  die $message unless $id;
  return $text;
}

my $root = RT::User->new(RT->SystemUser);
$root->Load('root');
my $guest = RT::User->new(RT->SystemUser);
$guest->Load('guest');
if (!$guest->Id) {
  my ($id, $message) = $guest->Create(Name => 'guest', Privileged => 1);
  die $message unless $id;
}
print 'TOKEN=', token($root), "\n";
print 'GUEST=', token($guest), "\n";
