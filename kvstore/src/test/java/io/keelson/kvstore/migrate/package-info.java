/** That data comes over from etcd, and goes back, without loss. */
@NullMarked
package io.keelson.kvstore.migrate;

import org.jspecify.annotations.NullMarked;
