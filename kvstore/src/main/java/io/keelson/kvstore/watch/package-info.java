/** Who is told what: from the events of each batch to the watchers whose range they touch, in order, without loss, bounded. */
@NullMarked
package io.keelson.kvstore.watch;

import org.jspecify.annotations.NullMarked;
