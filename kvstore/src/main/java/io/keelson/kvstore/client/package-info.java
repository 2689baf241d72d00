/**
 * The client side of the etcd v3 interface: one {@link io.keelson.kvstore.client.KvClient} for a list of endpoints.
 *
 * <p>What may be repeated is decided here and nowhere else: a read moves on to the next endpoint until its deadline; a
 * write moves on only while it certainly never left this process, and otherwise ends with
 * {@link io.keelson.kvstore.client.OutcomeUnknownException}.
 *
 * <p>Used by the command line, the tests and the tools. Calls block the calling thread and may be made from any number
 * of threads; an interrupt ends them.
 */
@NullMarked
package io.keelson.kvstore.client;

import org.jspecify.annotations.NullMarked;
