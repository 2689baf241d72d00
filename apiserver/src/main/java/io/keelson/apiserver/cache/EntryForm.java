package io.keelson.apiserver.cache;

import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.GroupVersionKind;
import org.jspecify.annotations.Nullable;

/**
 * A form in which objects are sent, other than the one in which an entry has its bytes anyway.
 *
 * @param version in which the object is
 * @param type the format
 * @param as the kind that it was turned into, {@code meta.k8s.io/v1, Kind=PartialObjectMetadata} for example; null for its own
 */
public record EntryForm(
        String version, MediaType type, @Nullable GroupVersionKind as) {}
