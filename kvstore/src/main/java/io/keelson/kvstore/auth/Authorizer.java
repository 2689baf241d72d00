package io.keelson.kvstore.auth;

import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.KeyRange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the user of a request and judges what is decided where the request comes in: reads, watches, and what only
 * administrators may ask for. Methods throw an {@link io.keelson.kvstore.errors.EtcdException} to refuse. Any thread;
 * nothing blocks.
 *
 * <p>A read goes like this:
 *
 * <pre>
 * RequestUser user = authorizer.user();
 * authorizer.checkRead(user, range);
 * ... read ...
 * authorizer.checkUnchanged(user);
 * </pre>
 *
 * The last step makes sure that nothing is answered under permissions that were taken away meanwhile.
 */
public final class Authorizer {
    private final AuthStore store;
    private final Tokens tokens;

    public Authorizer(AuthStore store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
    }

    /** Whether authentication is on, as this member has committed it. */
    public boolean enabled() {
        return store.view().enabled();
    }

    /**
     * The user of the request in the current {@link io.grpc.Context}; {@link RequestUser#NOBODY} while authentication is
     * off, and for a request without credential. On a stream it is to be asked for with every message, because a token
     * may expire meanwhile.
     *
     * @throws io.keelson.kvstore.errors.EtcdException INVALID_AUTH_TOKEN
     */
    public RequestUser user() {
        AuthView view = store.view();
        if (!view.enabled()) {
            return RequestUser.NOBODY;
        }
        RequestUser user = switch (Credential.KEY.get()) {
            case Credential.None _ -> RequestUser.NOBODY;
            case Credential.CommonName(String name) -> new RequestUser(name, view.revision());
            case Credential.Token(String text) -> recognised(text, view);
        };
        if (user.name().length() > AuthStore.NAME_BYTES_MAX
                || user.name().getBytes(StandardCharsets.UTF_8).length > AuthStore.NAME_BYTES_MAX) {
            throw EtcdError.INVALID_AUTH_TOKEN.exception();
        }
        return user;
    }

    private RequestUser recognised(String token, AuthView view) {
        RequestUser user = tokens.recognise(token, view.revision());
        if (user == null) {
            throw EtcdError.INVALID_AUTH_TOKEN.exception();
        }
        return user;
    }

    /** A command in the name of the request's user, who must be known while authentication is on. */
    public Command command(CommandKind kind, ByteBuffer payload) {
        RequestUser user = user();
        checkUser(user);
        return new Command(kind, user.name(), user.authRevision(), payload);
    }

    /** The user's permissions, to judge many ranges by. */
    public Scope scope(RequestUser user) {
        return store.view().scope(user);
    }

    /** For a range, and for the range of a watch: every key of it must be readable. */
    public void checkRead(RequestUser user, KeyRange range) {
        if (!scope(user).mayRead(range)) {
            throw EtcdError.PERMISSION_DENIED.exception();
        }
    }

    /** For a transaction that only reads and is therefore not carried out through the log. */
    public void checkReadOnly(RequestUser user, TxnRequest txn) {
        RequestRules rules = new RequestRules(scope(user), _ -> false);
        if (!rules.permits(txn)) {
            throw EtcdError.PERMISSION_DENIED.exception();
        }
    }

    /** For what everybody may ask for who is somebody: members, alarms. */
    public void checkUser(RequestUser user) {
        refuse(store.view().checkUser(user));
    }

    /** For what only administrators may ask for: changes of members, compaction, maintenance, users and roles. */
    public void checkAdmin(RequestUser user) {
        refuse(store.view().checkAdmin(user));
    }

    /** Whether a user may do everything: has the root role, or authentication is off. */
    public boolean administrator(RequestUser user) {
        return store.view().checkAdmin(user) == null;
    }

    /** After a read: whether users and roles are still those under which it was permitted. */
    public void checkUnchanged(RequestUser user) {
        if (user.known() && user.authRevision() != store.view().revision()) {
            throw EtcdError.AUTH_OLD_REVISION.exception();
        }
    }

    private static void refuse(@Nullable EtcdError error) {
        if (error != null) {
            throw error.exception();
        }
    }
}
