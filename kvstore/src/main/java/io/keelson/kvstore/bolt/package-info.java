/**
 * etcd's own file format (bbolt), read and written, so that data can come from an etcd and go back to one.
 *
 * <p><b>The format.</b> A file is an array of pages of one size, numbered from 0. Pages 0 and 1 are meta pages: each
 * names the page size, the root page, the number of pages in use (the high-water mark) and a transaction number, under
 * a checksum; the valid one with the higher number counts. All other pages are branches and leaves of B+trees, or the
 * list of free pages, or free. A leaf entry is a key with a value, or a key with a bucket: a tree of its own, or, if
 * small, a leaf stored inside the value (inline). A page whose entries need more room goes on over the pages that follow
 * it (overflow). Integers are little-endian. Besides the meta pages nothing carries a checksum; a snapshot file that
 * etcdctl saved ends with a SHA-256 of everything before it.
 *
 * <p><b>Reading</b> ({@link io.keelson.kvstore.bolt.BoltReader}) trusts nothing: each page is checked when it is read,
 * and what is wrong is told with the page and its place in the file. Memory is one page per level of a tree.
 *
 * <p><b>Writing</b> ({@link io.keelson.kvstore.bolt.BoltWriter}) goes forward only, straight into a network stream. The
 * meta pages come first and name the root, which comes last; so the lengths of all entries are gone through once before
 * ({@link io.keelson.kvstore.bolt.BoltLayout}). Pages leave in post-order, children before their parent, which makes
 * one open page per level all that has to be remembered, however large the file.
 *
 * <p>{@link io.keelson.kvstore.bolt.EtcdBackend} and the records around it say what etcd 3.5 and 3.6 keep in such a
 * file.
 */
@NullMarked
package io.keelson.kvstore.bolt;

import org.jspecify.annotations.NullMarked;
