package io.keelson.kvstore.server;

import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.apply.CommandHandler;
import io.keelson.kvstore.auth.AuthStore;
import io.keelson.kvstore.auth.AuthView;
import io.keelson.kvstore.watch.WatchHub;

/** Has the watches judged anew whenever users, roles or permissions have changed. */
final class WatchedAuth implements CommandHandler {
    private final AuthStore store;
    private final WatchHub watches;

    WatchedAuth(AuthStore store, WatchHub watches) {
        this.store = store;
        this.watches = watches;
    }

    @Override
    public ApplyResult apply(CommandContext context, Command command) {
        return store.apply(context, command);
    }

    @Override
    public void batchCommitted() {
        long before = revision(store.view());
        store.batchCommitted();
        if (revision(store.view()) != before) {
            watches.authorizationChanged();
        }
    }

    @Override
    public void reload() {
        store.reload();
        watches.authorizationChanged();
    }

    /** Turning authentication on or off counts as a change too. */
    private static long revision(AuthView view) {
        return view.enabled() ? view.revision() : -view.revision();
    }
}
