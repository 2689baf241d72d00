/** What is told of the proxy's health. */
@NullMarked
package io.keelson.proxy.health;

import org.jspecify.annotations.NullMarked;
