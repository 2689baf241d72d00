/** Tests of the pages that need no server. */
@NullMarked
package io.keelson.kvstore.gateway;

import org.jspecify.annotations.NullMarked;
