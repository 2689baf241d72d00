/**
 * Where pods come from that are to run here. {@link io.keelson.agent.pods.source.ApiPods} follows the pods of this node
 * in the API; {@link io.keelson.agent.pods.source.ManifestFolder} reads those of a folder of this machine, and {@link
 * io.keelson.agent.pods.source.MirrorPods} puts objects into the API that show them. What is wanted goes out to whoever
 * listens, a pod at a time.
 */
@NullMarked
package io.keelson.agent.pods.source;

import org.jspecify.annotations.NullMarked;
