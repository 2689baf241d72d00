package io.keelson.apiserver.encryption;

import io.keelson.apiserver.store.Transformer;
import java.time.Instant;

/**
 * The seed that values are written with now.
 *
 * @param source the seed as the plugin has encrypted it
 * @param expires until when it may be used to write, unless the plugin confirms it before
 */
record KmsKey(Transformer transformer, KmsService.Encrypted source, Instant expires) {
    KmsKey until(Instant later) {
        return new KmsKey(transformer, source, later);
    }
}
