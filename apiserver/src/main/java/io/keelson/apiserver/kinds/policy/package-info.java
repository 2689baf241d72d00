/** Strategies of the policy group. */
@NullMarked
package io.keelson.apiserver.kinds.policy;

import org.jspecify.annotations.NullMarked;
