/** etcd's own file format (bbolt), read and written, so that data can come from an etcd and go back to one. */
@NullMarked
package io.keelson.kvstore.bolt;

import org.jspecify.annotations.NullMarked;
