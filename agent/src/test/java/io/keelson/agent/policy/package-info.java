/** Policies against a plain reading of their specification, in a model of the table and in the kernel. */
@NullMarked
package io.keelson.agent.policy;

import org.jspecify.annotations.NullMarked;
