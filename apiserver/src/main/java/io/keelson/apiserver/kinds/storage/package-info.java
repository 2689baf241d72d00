/** Strategies of the storage group. */
@NullMarked
package io.keelson.apiserver.kinds.storage;

import org.jspecify.annotations.NullMarked;
