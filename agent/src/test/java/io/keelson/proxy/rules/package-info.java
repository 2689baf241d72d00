/** Rules against a small reference that reads Services as their documentation does. */
@NullMarked
package io.keelson.proxy.rules;

import org.jspecify.annotations.NullMarked;
