/** The proxy as a whole. */
@NullMarked
package io.keelson.proxy;

import org.jspecify.annotations.NullMarked;
