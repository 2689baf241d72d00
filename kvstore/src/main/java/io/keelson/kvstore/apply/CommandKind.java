package io.keelson.kvstore.apply;

import org.jspecify.annotations.Nullable;

/** The kinds of commands in the log. Codes are part of the log's format and never change their meaning. */
public enum CommandKind {
    /** Payload: {@code PutRequest}. */
    PUT(1),
    /** Payload: {@code DeleteRangeRequest}. */
    DELETE_RANGE(2),
    /** Payload: {@code TxnRequest}. */
    TXN(3),
    /** Payload: {@code CompactionRequest}. */
    COMPACT(4),

    /** Payload: {@code LeaseGrantRequest} with an id chosen. */
    LEASE_GRANT(10),
    /** Payload: {@code LeaseRevokeRequest}. */
    LEASE_REVOKE(11),
    /** Payload: lease ids, 8 bytes each. Body of the result: the granted TTL in seconds of each, 8 bytes, 0 for no such lease. */
    LEASE_RENEW(12),
    /** Payload: lease ids, 8 bytes each, that the leader saw expire; those still expired at this command's cluster time go. */
    LEASE_EXPIRE(13),

    /** Payload: {@code AlarmRequest}, to activate or deactivate. */
    ALARM(20),
    /** Payload: {@code Member} with id and creation facts filled in. */
    MEMBER_ADD(21),
    /** Payload: {@code MemberRemoveRequest}. */
    MEMBER_REMOVE(22),
    /** Payload: {@code MemberUpdateRequest}. */
    MEMBER_UPDATE(23),
    /** Payload: {@code MemberPromoteRequest}. */
    MEMBER_PROMOTE(24),
    /** Payload: {@code Member}: a member that started tells its name and client URLs. */
    MEMBER_PUBLISH(25),
    /** Payload: the cluster version as UTF-8 text, such as {@code 3.6.0}. */
    CLUSTER_VERSION(26),
    /** Payload: {@code DowngradeRequest}, to enable or cancel. */
    DOWNGRADE(27),

    /** Payload of these: the request of the same name; passwords only as bcrypt hashes. */
    AUTH_ENABLE(40),
    AUTH_DISABLE(41),
    AUTH_USER_ADD(42),
    AUTH_USER_DELETE(43),
    AUTH_USER_CHANGE_PASSWORD(44),
    AUTH_USER_GRANT_ROLE(45),
    AUTH_USER_REVOKE_ROLE(46),
    AUTH_ROLE_ADD(47),
    AUTH_ROLE_DELETE(48),
    AUTH_ROLE_GRANT_PERMISSION(49),
    AUTH_ROLE_REVOKE_PERMISSION(50),
    /** Payload: {@code AuthenticateRequest} without password, followed by the simple token in field 15: a token is assigned. */
    AUTH_AUTHENTICATE(51);

    private static final @Nullable CommandKind[] BY_CODE = new @Nullable CommandKind[128];

    static {
        for (CommandKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final int code;

    CommandKind(int code) {
        this.code = code;
    }

    /** The code in the log, 1 to 127. */
    public int code() {
        return code;
    }

    /** The kind of a code; null for one that this version does not know. */
    public static @Nullable CommandKind ofCode(int code) {
        return code < 0 || code >= BY_CODE.length ? null : BY_CODE[code];
    }
}
