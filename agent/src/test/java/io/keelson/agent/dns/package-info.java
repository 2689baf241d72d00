/** What is said of the cluster's DNS, tried on loopback and against servers that lie. */
@NullMarked
package io.keelson.agent.dns;

import org.jspecify.annotations.NullMarked;
