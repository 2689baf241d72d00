/** The command line against its model: the same words to a real etcdctl and to ours, the same answers. */
@NullMarked
package io.keelson.kvstore.cli;

import org.jspecify.annotations.NullMarked;
