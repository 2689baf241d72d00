/**
 * Strategies of the core group: pods, services, configuration, accounts, nodes, namespaces, volumes, quotas and events.
 */
@NullMarked
package io.keelson.apiserver.kinds.core;

import org.jspecify.annotations.NullMarked;
