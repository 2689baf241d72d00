/**
 * The members of the cluster as the state machine knows them: names, URLs, learners, alarms, versions; and what a member
 * knows of itself before it has a state machine.
 *
 * <p>The table of members is changed by commands alone. The log's own configuration follows it: whoever leads makes the
 * log's members those of the table, again and again until it holds, so a crash between the two steps heals itself. A
 * member that is in the table but was never started is not made part of the log's configuration before it answers, so
 * that adding it costs the others nothing.
 */
@NullMarked
package io.keelson.kvstore.membership;

import org.jspecify.annotations.NullMarked;
