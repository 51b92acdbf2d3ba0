"""Judge served traffic: windows of counts in, reports, alerts and actions out.

``tick`` is one judgement; whoever calls it again and again (cron, a loop) is the clock.
"""
