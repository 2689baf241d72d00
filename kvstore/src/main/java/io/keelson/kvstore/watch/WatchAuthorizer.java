package io.keelson.kvstore.watch;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * What the client behind one stream may watch. Called by the dispatcher, on whose time all watches live: it must answer
 * from memory. The range is always the whole range of the watch, with its true end.
 */
public interface WatchAuthorizer {
    /** Lets everything be watched. */
    WatchAuthorizer OPEN = new WatchAuthorizer() {
        @Override
        public @Nullable EtcdError refusal(KeyRange range) {
            return null;
        }

        @Override
        public @Nullable EtcdError revocation(KeyRange range) {
            return null;
        }
    };

    /** Why a watch of this range may not be created; null if it may. */
    @Nullable
    EtcdError refusal(KeyRange range);

    /**
     * Why a watch that exists has to end, now that users, roles or permissions have changed; null if it may go on. A token
     * that has merely grown old is no reason: what counts is what the user may read now.
     */
    @Nullable
    EtcdError revocation(KeyRange range);
}
