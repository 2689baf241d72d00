/**
 * What is to be done next for a pod, as a function: a pod and what the runtime has of it, what its probes found, and
 * the time come in; actions come out, in the order in which they are to be done. Nothing here waits, calls or
 * remembers, so that all of it can be tested by tables and by properties. Who does the actions looks again afterwards
 * and asks for the next plan.
 */
@NullMarked
package io.keelson.agent.pods.plan;

import org.jspecify.annotations.NullMarked;
