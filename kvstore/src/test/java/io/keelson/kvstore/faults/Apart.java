package io.keelson.kvstore.faults;

/**
 * What each member has to itself.
 *
 * @param users a user, if this process is root's, so that its packets can be told apart
 * @param disks a disk, for faults of disks
 * @param clocks a wall clock, for faults of clocks
 */
public record Apart(boolean users, boolean disks, boolean clocks) {
    /** Nothing: members are processes of this process's user. */
    public static final Apart NOTHING = new Apart(false, false, false);

    /** A user only. */
    public static final Apart USERS = new Apart(true, false, false);
}
