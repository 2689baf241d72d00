/**
 * The images of the embedded runtime: what an image is, and what who runs containers asks of it.
 *
 * <pre>
 *   files, tars ──► archive ──┐                            ┌── service ◄── CRI: the agent, crictl
 *                             ├──► store ──► layers ──► snapshots ──► a container's root
 *   registries ──► registry ──┘                            └── command ◄── keelson image
 * </pre>
 *
 * <p>Here are the words that all of these share: {@link io.keelson.agent.embedded.images.Reference names}, {@link
 * io.keelson.agent.embedded.images.Digest digests}, {@link io.keelson.agent.embedded.images.ImageManifest manifests}
 * and {@link io.keelson.agent.embedded.images.ImageDescription configurations} as OCI and Docker write them, read from
 * bytes that anyone may have made; and the two contracts with the rest of the runtime,
 * {@link io.keelson.agent.embedded.images.Images} and {@link io.keelson.agent.embedded.images.Snapshots}. What goes
 * wrong with an image is an {@link io.keelson.agent.embedded.images.ImageProblem} whose message is for people; a disk
 * that fails is an {@link java.io.IOException}.
 */
@NullMarked
package io.keelson.agent.embedded.images;

import org.jspecify.annotations.NullMarked;
