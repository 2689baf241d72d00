/** Strategies of what takes part in admission: webhooks and policies. */
@NullMarked
package io.keelson.apiserver.kinds.admission;

import org.jspecify.annotations.NullMarked;
