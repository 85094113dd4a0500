#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What debug kernels report is seen in their console, and only their own noise
# is passed over (selftests/debug/reports.py)
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
plan 28

# judged NAME TOTALS STATUS: a console with the lines of standard input in it
judged() {
	local out status line
	{
		echo "[    0.000000] Linux version 6.12.0"
		echo "init: a line of user space, WARNING: nothing"
		while IFS= read -r line; do
			echo "[   12.345678] $line"
		done
		echo "[   13.000000] reboot: machine restart"
	} > "$TMP/console"
	out=$("$TOP/selftests/debug/run" --judge "$TMP/console" 2>&1)
	status=$?
	if [[ ${out##*$'\n'} == "$2" && $status == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "wanted '$2', exit $3; got exit $status:"$'\n'"$out"
	fi
}

# One report by its title.
reported() { judged "$1" "0 passed, 1 failed" 1 <<< "$2"; }

judged "nothing" "1 passed, 0 failed" 0 <<-END
	sfw 0.1.0: loaded, no rule set in force
	sfw: in:100 deny gen=2 IN=eth0 OUT= SRC=1.3.3.7 DST=1.3.3.8 PROTO=TCP
	FAULT_INJECTION: forcing a failure.
END
reported KASAN "BUG: KASAN: slab-use-after-free in sfw_conn_find+0x1/0x2 [sfw]"
reported "KASAN far away" "BUG: KASAN: slab-out-of-bounds in kfree+0x1/0x2"
reported lockdep "WARNING: possible circular locking dependency detected"
reported "a lock held" "WARNING: lock held when returning to user space!"
reported "an odd lock" "INFO: trying to register non-static key."
reported RCU "WARNING: suspicious RCU usage"
reported "a stall" "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"
reported "a hang" "INFO: task rmmod:77 blocked for more than 120 seconds."
reported "a lockup" "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [a:1]"
reported sleep "BUG: sleeping function called from invalid context at mm.h:1"
reported schedule "BUG: scheduling while atomic: a/1/0x2"
reported UBSAN "UBSAN: array-index-out-of-bounds in kmod/tcp.c:1:2"
reported "a reference" "ref_tracker: net notrefcnt@00 has 1/1 users at"
reported "a device" "unregister_netdevice: waiting for eth0 to become free."
reported "a list" "list_add corruption. prev->next should be next"
reported "an oops" "Oops: general protection fault, probably for address 0"
reported "a dead pointer" "BUG: unable to handle page fault for address: 00"
reported "objects left" "BUG sfw_conn4 (Not tainted): Objects remaining in"
judged "DEBUG_OBJECTS, once" "0 passed, 1 failed" 1 <<-END
	------------[ cut here ]------------
	ODEBUG: free active (active state 0) object: 00 object type: timer_list
	WARNING: CPU: 0 PID: 1 at lib/debugobjects.c:1 debug_print_object+0x1/0x2
	---[ end trace 0000000000000000 ]---
END
judged "two reports are two" "0 passed, 2 failed" 1 <<-END
	==================================================================
	BUG: KASAN: slab-use-after-free in a+0x1/0x2 [sfw]
	Read of size 8 at addr 00 by task a/1
	==================================================================
	one
	two
	three
	four
	WARNING: CPU: 0 PID: 1 at kernel/a.c:1 a+0x1/0x2
	---[ end trace 0000000000000000 ]---
END
judged "a race of sfw" "0 passed, 1 failed" 1 <<-END
	==================================================================
	BUG: KCSAN: data-race in conn_new / sfw_conn_find
	write to 0xffff888000000000 of 4 bytes by interrupt on cpu 0:
	 conn_new+0x1/0x2 [sfw]
	==================================================================
END
judged "a race of others" "1 passed, 0 failed" 0 <<-END
	==================================================================
	BUG: KCSAN: data-race in tick_nohz_stop_tick / tick_sched_do_timer
	write to 0xffffffff00000000 of 4 bytes by interrupt on cpu 0:
	 tick_sched_do_timer+0x1/0x2
	==================================================================
END
judged "a race of others that interrupted sfw" "1 passed, 0 failed" 0 <<-END
	==================================================================
	BUG: KCSAN: data-race in ktime_get_seconds / timekeeping_advance
	write to 0xffffffff00000000 of 280 bytes by interrupt on cpu 0:
	 timekeeping_advance+0x1/0x2
	 asm_sysvec_apic_timer_interrupt+0x1f/0x30
	 sfw_classify_next+0x1/0x2 [sfw]
	
	read to 0xffffffff00000008 of 8 bytes by task 550 on cpu 1:
	 ktime_get_seconds+0x34/0x50
	 tcp_rcv_established+0xc25/0xc90
	==================================================================
END
judged "a race of sfw in an interrupt" "0 passed, 1 failed" 1 <<-END
	==================================================================
	BUG: KCSAN: data-race in b / a
	write to 0xffffffff00000000 of 280 bytes by interrupt on cpu 0:
	 a+0x1/0x2
	 sfw_a+0x1/0x2 [sfw]
	 asm_sysvec_apic_timer_interrupt+0x1f/0x30
	 b+0x1/0x2
	==================================================================
END
race_of_counters() { # BYTES
	cat <<-END
		==================================================================
		BUG: KCSAN: data-race in pcpu_alloc_noprof / pcpu_free_area.isra.0
		
		write to 0xffffffff00000000 of $1 bytes by task 109 on cpu 1:
		 pcpu_free_area.isra.0+0x409/0x430
		 free_percpu+0xd4/0x490
		 sfw_entry_put+0x88/0xe0 [sfw]
		
		read to 0xffffffff00000000 of $1 bytes by task 118 on cpu 0:
		 pcpu_alloc_noprof+0x5dd/0x9e0
		 sfw_entry_new+0x5e/0x140 [sfw]
		==================================================================
	END
}
judged "a race of the kernel's own that sfw calls" "1 passed, 0 failed" 0 \
	< <(race_of_counters 4)
judged "and nothing that looks like it" "0 passed, 1 failed" 1 \
	< <(race_of_counters 8)
judged "noise has to be that very noise" "0 passed, 1 failed" 1 <<-END
	WARNING: suspicious RCU usage
	net/netfilter/nf_tables_api.c:1234 suspicious rcu_dereference_check() usage!
END
