/**
 * Images on disk, and the root filesystems of containers made of them.
 *
 * <pre>
 *   blobs/sha256/HEX        what images are made of, by digest: manifests, configurations, packed layers
 *   references/HEX          a name, by its own digest: the manifest it means
 *   layers/HEX/files        an unpacked layer as overlayfs wants it; layer.json beside it says how large it is
 *   snapshots/KEY           a container's: upper (what it wrote), work, root (the mount), snapshot.json (whose)
 *   leases/ID               what a living process is adding; locked as long as it lives
 *   ingest/ID.N             what is being written, by the lease of that ID
 *   trash/                  what is being deleted
 *   lock                    taken for moments, to change what is kept
 * </pre>
 *
 * <p><b>Writing.</b> A thing is written in {@code ingest}, checked, synced, and moved to its name, in this order; so
 * what has a name is complete. A thing that shall go is moved to {@code trash} first. A crash leaves files in these two
 * folders only, and they are removed when the store is opened the next time, those of living processes aside.
 *
 * <p><b>Keeping.</b> Garbage is what no name, snapshot or lease leads to. Who adds an image takes a lease, and writes
 * into it what it relies on before it looks whether that is there: from then on it is not collected. See {@link
 * io.keelson.agent.embedded.images.store.Garbage}.
 *
 * <p><b>Trusting.</b> Blobs are checked against their digests whenever they are read: a damaged one is named, and taken
 * away where it can be had again. What is in a layer is never followed out of its folder; see {@link
 * io.keelson.agent.embedded.images.store.LayerFolder}.
 */
@NullMarked
package io.keelson.agent.embedded.images.store;

import org.jspecify.annotations.NullMarked;
