/** Configuration files, good and bad ones. */
@NullMarked
package io.keelson.proxy.config;

import org.jspecify.annotations.NullMarked;
