package io.keelson.kvstore.lease;

import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;

/**
 * Who may do what with leases. Every method judges the request of the current {@link io.grpc.Context} and throws an {@link
 * io.keelson.kvstore.errors.EtcdException} to refuse it.
 *
 * <p>Commands are judged again where they are carried out; reads and renewals are judged here only.
 */
public interface LeaseAccess {
    /** Whether anything is restricted at all; if not, the checks let everything through and read nothing. */
    boolean restricted();

    /** A command in the name of the request's user; refused while authentication is on and no user is known. */
    Command command(CommandKind kind, byte[] payload);

    /** Whether the request has a user, as far as one is needed. */
    void checkUser();

    /** Whether the lease may be renewed: by whoever may write every key attached to it. May block on the store. */
    void checkRenew(long leaseId);

    /** Whether the keys attached to the lease may be named: to whoever may read every one. May block on the store. */
    void checkKeys(long leaseId);

    /** Whether these leases may be listed: to whoever may read every key attached to any. May block on the store. */
    void checkList(long[] leaseIds);
}
