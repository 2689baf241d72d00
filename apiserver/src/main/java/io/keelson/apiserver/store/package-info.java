/**
 * Objects in the store: the etcd v3 calls that reading, writing and watching objects needs, under the keys that a
 * kube-apiserver uses. Values are bytes here; what is in them is the business of others.
 */
@NullMarked
package io.keelson.apiserver.store;

import org.jspecify.annotations.NullMarked;
