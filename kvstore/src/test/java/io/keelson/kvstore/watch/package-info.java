/** Watching, against a model of the store that is a list of events. */
@NullMarked
package io.keelson.kvstore.watch;

import org.jspecify.annotations.NullMarked;
