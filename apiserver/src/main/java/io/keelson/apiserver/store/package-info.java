/**
 * Objects in the store: the etcd v3 calls that reading, writing and watching objects needs, under the keys that a
 * kube-apiserver uses. Values are bytes here; what is in them is the business of others.
 *
 * <pre>
 *  ObjectStore ── EtcdStore ──► EtcdCalls ──────► unary calls: deadline, retries of reads, outcome of writes
 *                     │   └───► Leases             one lease for many keys that expire at about the same time
 *                     └───────► WatchStreams ───► WatchStream (gRPC stream, many watches)
 *                                                    └──► WatchDelivery (one watch: buffer and thread)
 *             └─ DividedStore                      several of them, by what keys begin with
 *  EtcdConnection ──► io.grpc.Channel              to several members, with TLS
 *  Compactor                                       forgets old revisions every five minutes, in turn with its peers
 *  StoreSize                                       asks the store how large it is, for the metrics
 *  Transformer                                     between bytes of objects and bytes stored: encryption at rest
 * </pre>
 *
 * <p><b>What may be repeated</b> is decided in {@link io.keelson.apiserver.store.EtcdCalls} alone: a read until it succeeds
 * or patience ends; a write only while it certainly never left this process. Everything that goes wrong comes out as an
 * {@link io.keelson.apiserver.errors.ApiException}, made in {@link io.keelson.apiserver.store.StoreErrors}.
 */
@NullMarked
package io.keelson.apiserver.store;

import org.jspecify.annotations.NullMarked;
