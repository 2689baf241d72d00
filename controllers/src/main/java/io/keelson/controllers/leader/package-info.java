/**
 * Which of several processes acts. They agree by a Lease of the API: whoever's name stands in it acts, and renews it; the
 * others {@linkplain io.keelson.controllers.leader.LeaseElection watch} it, and take it when it has not been renewed for its
 * duration. All times are measured on each process's own monotonic clock, from the moment that it saw a change or asked for
 * one, so that clocks of different machines need not agree, and may jump. A leader stops acting before others may start: it
 * gives up a third earlier than they take over, and its {@link io.keelson.controllers.leader.Fence} lets no write pass once
 * that time has come, whatever its threads believe.
 *
 * <p>Who waits {@linkplain io.keelson.controllers.leader.LedProcess.Prepared#fill reads and follows} what it will need, so
 * that it acts at once when it is elected; its fence is closed until then. What it has read is behind the API by as long as a
 * watch takes, and a dead leader's lease lasts longer than that by far: its last writes have been seen.
 */
@NullMarked
package io.keelson.controllers.leader;

import org.jspecify.annotations.NullMarked;
