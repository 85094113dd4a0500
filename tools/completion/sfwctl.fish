# SPDX-License-Identifier: GPL-2.0
# Completion of sfwctl for fish; sfwctl itself knows what may stand where.
function __sfwctl_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c sfwctl -f -a '(__sfwctl_complete)'
