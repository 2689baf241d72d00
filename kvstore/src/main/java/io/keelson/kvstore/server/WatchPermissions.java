package io.keelson.kvstore.server;

import io.grpc.Context;
import io.keelson.kvstore.auth.AuthStore;
import io.keelson.kvstore.auth.Authorizer;
import io.keelson.kvstore.auth.RequestUser;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.watch.WatchAuthorizer;
import org.jspecify.annotations.Nullable;

/** What the client behind a watch stream may watch: whatever it may read, by its token for a new watch, and by its name
 * for one that exists. Asked by the dispatcher alone.
 */
final class WatchPermissions implements WatchAuthorizer {
    private final Authorizer authorizer;
    private final AuthStore store;
    private final Context context;
    private String user = "";

    /** @param context of the call that opened the stream */
    WatchPermissions(Authorizer authorizer, AuthStore store, Context context) {
        this.authorizer = authorizer;
        this.store = store;
        this.context = context;
    }

    @Override
    public @Nullable EtcdError refusal(KeyRange range) {
        if (!authorizer.enabled()) {
            return null;
        }
        Context before = context.attach();
        try {
            RequestUser known = authorizer.user();
            user = known.name();
            authorizer.checkRead(known, range);
            return null;
        } catch (EtcdException e) {
            return e.error();
        } finally {
            context.detach(before);
        }
    }

    @Override
    public @Nullable EtcdError revocation(KeyRange range) {
        if (!authorizer.enabled()) {
            return null;
        }
        if (user.isEmpty()) {
            // The watch is older than authentication: what its client is allowed now decides.
            return refusal(range);
        }
        try {
            authorizer.checkRead(new RequestUser(user, store.view().revision()), range);
            return null;
        } catch (EtcdException e) {
            return e.error();
        }
    }
}
