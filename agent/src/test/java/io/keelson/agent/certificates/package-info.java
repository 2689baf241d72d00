/** The node's certificates, in a cluster that signs them. */
@NullMarked
package io.keelson.agent.certificates;

import org.jspecify.annotations.NullMarked;
