/** The members of the cluster as the state machine knows them: names, URLs, learners, alarms, versions. */
@NullMarked
package io.keelson.kvstore.membership;

import org.jspecify.annotations.NullMarked;
