/** A whole node of this machine: the embedded runtime, its pods in namespaces and cgroups of the test. */
@NullMarked
package io.keelson.agent.command;

import org.jspecify.annotations.NullMarked;
