/**
 * Making room: which pods have to go so that a more important one can run. {@link
 * io.keelson.scheduler.preemption.DefaultPreemption} is asked when no node can take a pod, and says on which node which pods
 * are the smallest loss, or why it would not help. It writes nothing; it takes pods out of the cluster's state to see what
 * would be without them, and puts them back before it returns.
 */
@NullMarked
package io.keelson.scheduler.preemption;

import org.jspecify.annotations.NullMarked;
