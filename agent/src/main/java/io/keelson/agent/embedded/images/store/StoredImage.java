package io.keelson.agent.embedded.images.store;

import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageDescription;
import io.keelson.agent.embedded.images.ImageManifest;
import java.util.List;

/**
 * An image that is here.
 *
 * @param id the digest of its configuration
 * @param manifestDigest of the manifest
 * @param tags names with a tag, in full
 * @param digests names with the digest that its registry knows it by
 * @param size of its parts as they are stored, in bytes
 */
public record StoredImage(
        Digest id,
        Digest manifestDigest,
        ImageManifest manifest,
        ImageDescription description,
        List<String> tags,
        List<String> digests,
        long size) {}
