package io.keelson.metrics;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How kubelets are reached.
 *
 * @param address where
 * @param authority by which authorities their certificates are known, in a file; null for those of the API server
 * @param isInsecure whether their certificates are not looked at
 * @param certificate what is shown to them, in a file; null for what is shown to the API server
 * @param key the key of that certificate; null with it
 * @param timeout how long an answer may take, from the connection to the last byte
 * @param atOnce how many are asked at the same time
 */
record KubeletSettings(
        KubeletAddress address,
        @Nullable Path authority,
        boolean isInsecure,
        @Nullable Path certificate,
        @Nullable Path key,
        Duration timeout,
        int atOnce) {}
