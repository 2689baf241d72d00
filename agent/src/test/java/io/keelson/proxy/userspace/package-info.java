/** What this process forwards by itself. */
@NullMarked
package io.keelson.proxy.userspace;

import org.jspecify.annotations.NullMarked;
